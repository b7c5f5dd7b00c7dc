// Checks Kusto queries with Microsoft's own parser against a schema.
// In: {"tables": {table: {column: type}}, "queries": {name: text}} as JSON. Out: {name: [diagnostic]}.
require("@kusto/language-service-next/bridge.min.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");

const { KustoCode, GlobalState, Symbols } = globalThis.Kusto.Language;
const { tables, queries } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

const symbols = Object.entries(tables).map(([table, columns]) => {
  const shape = Object.entries(columns).map(([column, type]) => `${column}: ${type}`).join(", ");
  return new Symbols.TableSymbol.$ctor7(table, `(${shape})`, null);
});
const database = new Symbols.DatabaseSymbol.ctor("workspace", symbols);
const globals = GlobalState.Default.WithDatabase(database);

const told = {};
for (const [name, text] of Object.entries(queries)) {
  const found = KustoCode.ParseAndAnalyze(text, globals).GetDiagnostics();
  told[name] = Array.from({ length: found.Count }, (_, index) => {
    const { Code, Severity, Message, Start } = found.getItem(index);
    const before = text.slice(0, Start).split("\n");
    return { code: Code, severity: Severity, line: before.length, column: before.at(-1).length + 1, message: Message };
  });
}
process.stdout.write(JSON.stringify(told));

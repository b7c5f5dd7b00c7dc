"""The tables of Application Insights: their columns, by the names of both generations.

Schemas: learn.microsoft.com/azure/azure-monitor/reference/tables/apprequests and its siblings, with the older
names of learn.microsoft.com/azure/azure-monitor/app/convert-classic-resource.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "datetime", "real", "int", "bool", "dynamic"]
SQL: dict[Kind, str] = {
    "string": "VARCHAR",
    "datetime": "TIMESTAMP",
    "real": "DOUBLE",
    "int": "INTEGER",
    "bool": "BOOLEAN",
    "dynamic": "JSON",
}


@dataclass(frozen=True)
class Column:
    """One column; a name is empty where that generation has no such column."""

    classic: str
    workspace: str
    kind: Kind

    @property
    def stored(self) -> str:
        """Its name in our file."""
        return self.classic or self.workspace


@dataclass(frozen=True)
class Table:
    """One table by its name in a resource (`requests`) and in a workspace (`AppRequests`)."""

    classic: str
    workspace: str
    item: str
    """`itemType` of its rows."""
    columns: tuple[Column, ...]

    def view(self, *, workspace: bool) -> Iterator[tuple[str, str]]:
        """Each column's name there with the SQL that makes it of what is stored."""
        for column in self.columns:
            name = column.workspace if workspace else column.classic
            if name:
                yield name, _classic_bool(column) if column.kind == "bool" and not workspace else _q(column)
        if workspace:
            yield "Type", f"'{self.workspace}'"


def _q(column: Column) -> str:
    return f'"{column.stored}"'


def _classic_bool(column: Column) -> str:
    """The older tables hold truth as text."""
    return f"CASE {_q(column)} WHEN true THEN 'True' WHEN false THEN 'False' END"


def _columns(text: str) -> Iterator[Column]:
    """Columns written as a type and its `classic:Workspace` names, types divided by `|`."""
    for group in text.split("|"):
        kind, *pairs = group.split()
        yield from (Column(*pair.split(":"), kind) for pair in pairs)  # type: ignore[call-arg, arg-type]


def _table(classic: str, workspace: str, item: str, *texts: str) -> Table:
    columns = (column for text in (_WHEN, *texts, _CONTEXT) for column in _columns(text))
    return Table(classic, workspace, item, tuple(columns))


_WHEN = "datetime timestamp:TimeGenerated"
_TIMED = """
    string resultCode:ResultCode performanceBucket:PerformanceBucket
    | bool success:Success | real duration:DurationMs"""
_MEASURED = "dynamic customMeasurements:Measurements"
_CONTEXT = """
    dynamic customDimensions:Properties
    | string itemType: itemId: iKey:IKey sdkVersion:SDKVersion appId: appName: _ResourceId:_ResourceId
      operation_Name:OperationName operation_Id:OperationId operation_ParentId:ParentId
      operation_SyntheticSource:SyntheticSource session_Id:SessionId
      user_Id:UserId user_AuthenticatedId:UserAuthenticatedId user_AccountId:UserAccountId
      application_Version:AppVersion cloud_RoleName:AppRoleName cloud_RoleInstance:AppRoleInstance
      client_Type:ClientType client_Model:ClientModel client_OS:ClientOS client_Browser:ClientBrowser
      client_IP:ClientIP client_City:ClientCity client_StateOrProvince:ClientStateOrProvince
      client_CountryOrRegion:ClientCountryOrRegion
    | int itemCount:ItemCount"""
_RAISED = """
    string problemId:ProblemId handledAt:HandledAt type:ExceptionType message:Message
      assembly:Assembly method:Method outerType:OuterType outerMessage:OuterMessage
      outerAssembly:OuterAssembly outerMethod:OuterMethod innermostType:InnermostType
      innermostMessage:InnermostMessage innermostAssembly:InnermostAssembly innermostMethod:InnermostMethod
    | int severityLevel:SeverityLevel | dynamic details:Details"""
_SUMMED = """
    string name:Name
    | real value: valueSum:Sum valueMin:Min valueMax:Max valueStdDev: | int valueCount:"""
_TESTED = """
    string id:Id name:Name location:Location message:Message performanceBucket:PerformanceBucket
    | real size:Size duration:DurationMs | bool success:Success"""

TABLES = (
    _table(
        "requests",
        "AppRequests",
        "request",
        "string id:Id source:Source name:Name url:Url",
        _TIMED,
        _MEASURED,
    ),
    _table(
        "dependencies",
        "AppDependencies",
        "dependency",
        "string id:Id target:Target type:DependencyType name:Name data:Data",
        _TIMED,
        _MEASURED,
    ),
    _table(
        "traces", "AppTraces", "trace", "string message:Message | int severityLevel:SeverityLevel", _MEASURED
    ),
    _table("exceptions", "AppExceptions", "exception", _RAISED, _MEASURED),
    _table("customEvents", "AppEvents", "customEvent", "string name:Name", _MEASURED),
    _table("customMetrics", "AppMetrics", "customMetric", _SUMMED),
    _table("availabilityResults", "AppAvailabilityResults", "availabilityResult", _TESTED, _MEASURED),
)
BY_NAME = {table.classic: table for table in TABLES}

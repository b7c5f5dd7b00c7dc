// Starts Swagger UI on /docs; in a file of its own because the page's policy allows no inline script.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  layout: "BaseLayout",
  deepLinking: true,
  validatorUrl: null, // ask nobody else whether our document is valid
});

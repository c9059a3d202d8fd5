// Shows the contract of this service with Swagger UI, where requests can be tried out.
window.addEventListener("DOMContentLoaded", () => {
  if (!window.SwaggerUIBundle) {
    document.getElementById("docs").textContent =
      "Swagger UI is missing here: `make package` and `python -m local host` fetch it.";
    return;
  }
  document.body.style.margin = 0;
  window.SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#docs",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: "none", // the default asks another server
  });
});

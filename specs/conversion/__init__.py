"""An Api written down again, in the version of OpenAPI that another tool reads."""

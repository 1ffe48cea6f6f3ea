"""The live service against its own OpenAPI document; ``make contract`` runs it."""

"""Reads API descriptions: OpenAPI, Swagger, Postman and Insomnia files. Fetches nothing."""

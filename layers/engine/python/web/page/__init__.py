"""The API's documentation as one page of HTML without any script, made of its OpenAPI document."""

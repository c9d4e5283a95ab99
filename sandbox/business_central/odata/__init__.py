"""Reads OData requests: the path, the query options, the filter, the pages."""

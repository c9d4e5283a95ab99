"""The addresses that a directory asks; every view carries ``for_directory``, and a test looks."""

from __future__ import annotations

from django.urls import path

from quittance.scim import discovery, groups, users

app_name = "scim"
urlpatterns = [
    path("v2/<uuid:provider_id>/Users", users.users, name="users"),
    path("v2/<uuid:provider_id>/Users/<str:row>", users.user, name="user"),
    path("v2/<uuid:provider_id>/Groups", groups.groups, name="groups"),
    path("v2/<uuid:provider_id>/Groups/<str:row>", groups.group, name="group"),
    path("v2/<uuid:provider_id>/ServiceProviderConfig", discovery.config, name="config"),
    path("v2/<uuid:provider_id>/ResourceTypes", discovery.resource_types, name="types"),
    path("v2/<uuid:provider_id>/ResourceTypes/<str:name>", discovery.resource_type, name="type"),
    path("v2/<uuid:provider_id>/Schemas", discovery.schemas, name="schemas"),
    path("v2/<uuid:provider_id>/Schemas/<str:name>", discovery.schema, name="schema"),
    path("v2/<uuid:provider_id>/.search", discovery.not_done, name="search"),
    path("v2/<uuid:provider_id>/Bulk", discovery.not_done, name="bulk"),
    path("v2/<uuid:provider_id>/<path:rest>", discovery.nothing, name="nothing"),
]

"""The bare views' addresses."""

from __future__ import annotations

from django.urls import path

from benchmarks.reference import views

urlpatterns = [
    path("orm", views.by_orm),
    path("person", views.by_person),
    path("sql", views.by_sql),
]

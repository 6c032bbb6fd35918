"""How dbt's nodes appear in Dagster: the asset key is the SQL address, the group is the layer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

FRESH_FAIL = timedelta(hours=2)
FRESH_WARN = timedelta(minutes=30)


class Translator(DagsterDbtTranslator):
    """Keys, groups, code versions and freshness of the models."""

    def __init__(self) -> None:
        super().__init__(
            DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_duplicate_source_asset_keys=False)
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`marts.staging.stg_x` for a staging model, `marts.x` for a mart, `raw.x` for a raw table."""
        if dbt_resource_props["resource_type"] == "source":
            catalog = dbt_resource_props["database"] or "raw"
            return dg.AssetKey([catalog, dbt_resource_props["identifier"]])
        schema = dbt_resource_props["schema"]
        parts = [dbt_resource_props["database"], schema, dbt_resource_props["alias"] or dbt_resource_props["name"]]
        return dg.AssetKey([part for part in parts if part != "main"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: staging, intermediate or marts."""
        return str(dbt_resource_props["fqn"][1]) if len(dbt_resource_props["fqn"]) > 2 else "marts"

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        """The spec, with a freshness policy on the marts."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        if not unique_id.startswith("model.") or spec.group_name != "marts":
            return spec
        policy = dg.FreshnessPolicy.time_window(fail_window=FRESH_FAIL, warn_window=FRESH_WARN)
        return spec.replace_attributes(freshness_policy=policy)

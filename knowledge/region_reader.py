"""Reads a region: the city's file laid over the province's, and the names that texts take from it."""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType

from knowledge.faults import Fault
from knowledge.folder_reader import FolderReader
from knowledge.models import Region, RegionFile

_REGION_ID = re.compile(r"^[a-z0-9_-]+(?:/[a-z0-9_-]+)?$")
UNION = "union"  # kind of the office whose name stands for {union}
DISTRICTS_NAMED = 9  # {district_1} to {district_9}; a city with fewer begins anew


def regions_in(folder: Path) -> list[str]:
    """Every city ("ningxia/yinchuan") that has a file in `folder`/regions."""
    cities = sorted((folder / "regions").glob("*/*.yaml"))
    return [f"{path.parent.name}/{path.stem}" for path in cities if path.stem != "region"]


def read_region(reader: FolderReader, region: str) -> Region | None:
    """The city's file laid over the province's: amounts, offices and hotlines one by one, the rest whole."""
    if not _REGION_ID.match(region):
        reader.faults.append(Fault("config.yaml", 1, "organisation.region", f"{region!r} 不是地区",
                                   "写成 ningxia/yinchuan 的样子"))  # fmt: skip
        return None
    province, _, city = region.partition("/")
    paths = [reader.folder / "regions" / province / "region.yaml"]
    if city:
        paths.append(reader.folder / "regions" / province / f"{city}.yaml")
    files = [file for path in paths if (file := reader.one(path, RegionFile))]
    if len(files) < len(paths):
        return None
    wide, top = files[0], files[-1]
    name, short, hotline = (
        getattr(top, key) or getattr(wide, key) or "" for key in ("name", "short_name", "hotline")
    )
    if not (name and short and hotline):
        wrong = "缺少 name、short_name 或 hotline"
        reader.faults.append(Fault(reader.name(paths[-1]), 1, "name", wrong, "补上"))
        return None
    offices = {one.id: one for one in (*wide.directory, *top.directory)}
    hotlines = {one.number: one for one in (*wide.hotlines, *top.hotlines)}
    return Region(
        id=region,
        name=name,
        short_name=short,
        hotline=hotline,
        province_name=wide.short_name or short,
        union=next((one.name for one in offices.values() if one.kind == UNION), ""),
        amounts=MappingProxyType(dict(wide.amounts) | dict(top.amounts)),
        districts=top.districts or wide.districts,
        directory=tuple(offices.values()),
        hotlines=tuple(hotlines.values()),
    )


def names_of(region: Region, union: str = "") -> dict[str, str]:
    """What stands for {region}, {province}, {union} and {district_1}…; `union` wins over the region's own."""
    names = {
        "region": region.short_name,
        "province": region.province_name,
        "union": union or region.union or region.name,
    }
    districts = region.districts or (region.short_name,)
    for at in range(DISTRICTS_NAMED):
        names[f"district_{at + 1}"] = districts[at % len(districts)]
    return names

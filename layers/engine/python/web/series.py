"""The operations on series: what is published again and again."""

from __future__ import annotations

from identity.model import Role
from web import problems
from web.operation import Operation
from web.schemas import series
from web.schemas.base import Nothing, Paging

CREATE_SERIES = Operation(
    "createSeries",
    "POST",
    "/v1/series",
    Role.AUTHOR,
    "Publish content again and again, by a rule of the calendar; each occurrence is a publication of its own",
    series.NewSeries,
    series.Series,
    status=201,
    problems=(problems.NOT_FOUND, problems.UNFIT, problems.KEY_REUSED),
    idempotent=True,
)
LIST_SERIES = Operation(
    "listSeries",
    "GET",
    "/v1/series",
    Role.VIEWER,
    "List series, newest first, ended ones too",
    Paging,
    series.SeriesList,
)
READ_SERIES = Operation(
    "readSeries",
    "GET",
    "/v1/series/{series}",
    Role.VIEWER,
    "Read a series with its coming occurrences and what became of the last ones",
    Nothing,
    series.Series,
    tagged=True,
)
CHANGE_SERIES = Operation(
    "changeSeries",
    "PATCH",
    "/v1/series/{series}",
    Role.AUTHOR,
    "Change, pause or resume a series; publications already made of it stay. For who made it, or an admin",
    series.SeriesChanges,
    series.Series,
    problems=(problems.UNFIT, problems.WRONG_STATE, problems.CONFLICT),
    tagged=True,
)
END_SERIES = Operation(
    "endSeries",
    "DELETE",
    "/v1/series/{series}",
    Role.AUTHOR,
    "End a series, for good; publications already made of it stay. For who made it, or an admin",
    Nothing,
    series.Series,
    problems=(problems.CONFLICT,),
    tagged=True,
)

"""From where on a figure is bad: the one source of the alarms (`infra`) and of what `/v1/health/deep` calls failing."""

from __future__ import annotations

PERIOD_S = 300  # what alarms look at is put together by five minutes

# Of one platform
PUBLISHED_PERCENT = 95  # of what settled; less is failing
FEWEST_FAILED = 3  # fewer in five minutes wake nobody: they say something of a channel, and nothing of its platform
SLOW_S = 10
OLD_S, OLD_PERIODS = 600, 4  # the sweep tells of what is not begun, each time later: one sign in twenty minutes counts
DEAD_LETTERS = 0
BREAKER = 0  # closed

# Of the whole
OLD_URGENT_S = 60
OLD_UNCERTAIN_S = 3_600
MANY_UNCERTAIN = 10
MANY_THROTTLED = 10
MANY_RENEWALS_FAILED, MANY_REFUSED = 10, 10  # in an hour
MANY_APP_REFUSALS = 3  # in an hour: after a rotation each function that has the former secret meets one
LATE_S = 60  # what came due in its queue: schedules fire a minute early
UNTOLD_S = 300  # what customers' endpoints are to be told, in the stream or in the queue of first tidings
UNTOLD_LATER_S = 900 + UNTOLD_S  # in the queue of later ones, where they lie for as long as SQS puts off
SILENT_S = PERIOD_S  # what runs every minute did not
BOUNCES, COMPLAINTS = 0.04, 0.0008  # SES reviews an account at 5 % and 0.1 %, and stops it at 10 % and 0.5 %

# Of no alarm: nobody is woken, whoever looks is told
MANY_WAITING = 1_000  # in one queue: a flood is no fault as long as nothing waits long
MANY_IN_FLIGHT = 100_000  # SQS gives out no more than 120,000 messages of a queue at a time
SLOW_TABLE_MS = 500
MAIL_PERCENT, MOST_MAIL_PERCENT = 80, 95  # of what SES lets the account send in a day
UNSWEPT_S = 150  # two sweeps were missed
ENDING_DAYS = 7

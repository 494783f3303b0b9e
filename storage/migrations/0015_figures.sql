-- What she said after closing, as numbers that outlive the words; and requests that take a second person.
alter table events add column confirmed_fen bigint;   -- what is known to have come, as of this event
alter table events add column stars smallint;         -- 1 to 5

create table exports (
  id text primary key,
  first_day text not null,          -- civil days of the period
  last_day text not null,
  layout text not null,             -- csv or xlsx
  cases bigint not null,            -- rows when it was asked for
  asked_by text not null,
  asked_at bigint not null,
  decided_by text,                  -- another member of staff
  decided_at bigint,
  agreed smallint,
  used_at bigint                    -- taken out of the house, once
);
create index exports_asked on exports (asked_at);

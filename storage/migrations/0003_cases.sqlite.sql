create table counters (
  name text primary key,
  value bigint not null
);

create table cases (
  id text primary key,
  number text not null unique,
  kind text not null,
  status text not null,
  urgent smallint not null,
  district text,
  level text not null,
  topic text,
  source text not null,
  opened_at bigint not null,
  changed_at bigint not null,
  promised_at bigint not null,
  assignee text,
  outcome text,
  recovered_fen bigint not null default 0,
  people_helped bigint not null default 0,
  closed_at bigint,
  version bigint not null,
  code_hash bytea unique,           -- keyed hash
  phrase_hash bytea,                -- keyed hash
  code bytea,                       -- sealed
  answers bytea,                    -- sealed; null once erased
  remote_topic bytea,               -- sealed
  remote_topic_hash bytea unique    -- keyed hash
);
create index cases_due on cases (status, urgent, promised_at);
create index cases_assignee on cases (assignee, promised_at);
create index cases_opened on cases (opened_at);
create index cases_closed on cases (closed_at) where closed_at is not null;

create table holders (
  case_id text not null references cases (id),
  person_id text not null references people (id),
  place bigint not null,            -- the highest place gets the replies
  at bigint not null,
  primary key (case_id, person_id)
);
create index holders_person on holders (person_id);

create table events (
  seq integer primary key autoincrement,
  case_id text not null references cases (id),
  mark text not null unique,
  kind text not null,
  by text not null,
  at bigint not null,
  to_status text,
  facts text,                       -- closed facts, JSON
  body bytea                        -- sealed
);
create index events_of on events (case_id, seq);
create index events_status on events (to_status, at) where to_status is not null;

create table drafts (
  id text primary key,
  case_id text not null references cases (id),
  author text not null,
  kind text not null,
  at bigint not null,
  body bytea not null               -- sealed
);
create index drafts_of on drafts (case_id, at);

create table files (
  id text primary key,
  person_id text references people (id),
  case_id text references cases (id),
  clean_of text,
  kind text not null,
  size bigint not null,
  about bytea,                      -- sealed: name, kind of content, hash; null once erased
  at bigint not null
);
create index files_case on files (case_id, at) where case_id is not null;
create index files_person on files (person_id, at) where person_id is not null;
create index files_clean on files (clean_of) where clean_of is not null;
create index files_unbound on files (at) where case_id is null;

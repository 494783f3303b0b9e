-- Who is on duty, who stands in for whom, what each member of staff must be told, and the promise clock.
create table duty_days (
  day text not null,                -- civil day in Asia/Shanghai, 2026-11-22
  staff_id text not null references staff (id),
  place smallint not null,
  primary key (day, staff_id)
);

create table absences (
  id text primary key,
  staff_id text not null references staff (id),
  substitute_id text not null references staff (id),
  first_day text not null,
  last_day text not null            -- included
);
create index absences_last on absences (last_day);

create table notices (
  id text primary key,
  staff_id text not null references staff (id),
  case_id text references cases (id),
  text bytea not null,              -- sealed: number and kind of a case, never words of hers
  at bigint not null,
  urgent smallint not null,
  read_at bigint
);
create index notices_of on notices (staff_id, read_at, at);
create index notices_case on notices (case_id) where case_id is not null;
create index notices_at on notices (at);

create table promise_watch (
  case_id text primary key references cases (id),
  began_at bigint not null,         -- the promise as it was at the last look
  promised_at bigint not null,
  urgent smallint not null,
  urged smallint not null,
  look_at bigint not null,
  broken_began bigint,              -- the promise before, where it was broken
  broken_by bigint,
  reminded smallint not null
);

-- What the clock did once: owner is a case or a member of staff.
create table clock_marks (
  owner text not null,
  what text not null,
  at bigint not null,
  primary key (owner, what)
);
create index cases_paused on cases (paused_at) where paused_at is not null;

create table staff (
  id text primary key,
  name text not null unique,
  roles text not null,
  active smallint not null,
  created_at bigint not null,
  telegram_hash bytea unique,       -- keyed hash
  telegram bytea,                   -- sealed
  password bytea,                   -- sealed hash
  totp bytea,                       -- sealed
  last_totp_step bigint not null default 0
);

create table staff_links (
  token bytea primary key,          -- keyed hash
  staff_id text references staff (id),
  roles text not null,
  until bigint not null
);

create table staff_sessions (
  token bytea primary key,          -- keyed hash
  staff_id text not null references staff (id),
  started_at bigint not null,
  seen_at bigint not null
);
create index staff_sessions_of on staff_sessions (staff_id);

create table audit (
  seq bigint primary key,
  at bigint not null,
  actor text not null,
  act text not null,
  target text not null,
  facts text not null,
  mac bytea not null
);
create index audit_target on audit (target, seq);

-- How long the chain is, under a keyed hash: lines cut off its end are missed.
create table audit_head (
  id smallint primary key,
  seq bigint not null,
  last bytea not null,
  mac bytea not null
);

create table limits (
  what bytea primary key,           -- keyed hash
  times bytea not null,             -- instants of the hits inside the window
  until bigint not null
);
create index limits_until on limits (until);

create table feedback (
  seq integer primary key autoincrement,
  at bigint not null,
  reason text not null,
  topic text,
  mark text not null unique,
  masked bytea not null             -- sealed
);

create table helped (
  topic text not null,
  day text not null,
  people bigint not null,
  primary key (topic, day)
);

create table facts (
  name bytea primary key,           -- keyed hash
  value bytea not null              -- sealed
);

-- Cases handed over to partner agencies, and what came back.
create table hand_overs (
  id text primary key,
  case_id text not null references cases (id),
  agency text not null,             -- id of the office in the directory
  purpose text not null,
  state text not null,
  proposed_by text not null,
  proposed_at bigint not null,
  until bigint not null,
  decided_at bigint,
  ended_at bigint,
  sent_at bigint,
  look_at bigint,                   -- when the clock looks at it next; null when it has ended
  chased smallint not null default 0,
  letters bigint not null default 0,
  views bigint not null default 0,
  first_seen_at bigint,
  last_seen_at bigint,
  link_hash bytea unique,           -- keyed hash
  code_hash bytea,                  -- keyed hash
  about bytea not null,             -- sealed: agency, fields, refused ones, how she agreed
  content bytea                     -- sealed: what goes; null once nothing goes
);
create index hand_overs_case on hand_overs (case_id, proposed_at);
create index hand_overs_due on hand_overs (look_at) where look_at is not null;

create table partner_answers (
  id text primary key,
  hand_over_id text not null references hand_overs (id),
  case_id text not null references cases (id),
  step text not null,
  what text not null,
  at bigint not null,
  place bigint not null,            -- the order in which they came
  words bytea                       -- sealed
);
create index partner_answers_of on partner_answers (hand_over_id, place);
create unique index partner_answers_once on partner_answers (hand_over_id, step) where step <> 'note';

create table partner_sessions (
  secret bytea primary key,         -- keyed hash of the cookie
  hand_over_id text not null references hand_overs (id),
  case_id text not null references cases (id),
  started_at bigint not null,
  next_code bytea not null          -- sealed
);
create index partner_sessions_of on partner_sessions (hand_over_id);

create table joint_sessions (
  id text primary key,
  case_id text not null references cases (id),
  state text not null,
  at bigint not null,
  planned_by text not null,
  planned_at bigint not null,
  she_comes smallint,
  agreement smallint,
  agreed_on text,                   -- civil day
  confirm_by text,                  -- civil day
  about bytea not null              -- sealed: who, where, what about, what came of it
);
create index joint_sessions_case on joint_sessions (case_id, at);

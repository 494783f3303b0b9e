-- What staff keep for their work on cases: asked reviews, conflicts of interest, tasks, looks, saved views.
create table review_asks (
  case_id text not null references cases (id),
  draft_id text not null,           -- '' where the lawyer is asked to write one
  staff_id text not null,           -- '' where any lawyer or leader may
  asked_by text not null,
  at bigint not null,
  primary key (case_id, draft_id, staff_id)
);
create index review_asks_staff on review_asks (staff_id, at);

create table conflicts (
  case_id text not null references cases (id),
  staff_id text not null,
  employer_id text,                 -- all cases about this employer are closed to the member
  at bigint not null,
  primary key (case_id, staff_id)
);
create index conflicts_staff on conflicts (staff_id, employer_id);

create table tasks (
  id text primary key,
  case_id text not null references cases (id),
  step text,                        -- of the playbook of the case's kind; null: own words
  words bytea,                      -- sealed
  made_by text not null,
  at bigint not null,
  assignee text,                    -- null: whoever handles the case
  due text,                         -- civil day, Asia/Shanghai, YYYY-MM-DD
  done_by text,
  done_at bigint
);
create index tasks_case on tasks (case_id, at);
create index tasks_open on tasks (assignee, due) where done_at is null;
create unique index tasks_step on tasks (case_id, step) where step is not null;

create table case_looks (
  staff_id text not null,
  case_id text not null references cases (id),
  seq bigint not null,              -- the newest event of the case when the member last opened it
  primary key (staff_id, case_id)
);
create index case_looks_case on case_looks (case_id);

create table saved_views (
  id text primary key,
  staff_id text not null,
  shared smallint not null,
  about bytea not null,             -- sealed: name and filters
  at bigint not null
);
create index saved_views_staff on saved_views (staff_id, shared);

-- Cases that belong together: group cases and doubles.

-- A double whose work goes on in an older case. What the older one promised before and after the joining
-- is kept, so that it can be undone exactly. Both are closed facts as JSON.
create table case_merges (
  case_id text primary key references cases (id),
  into_id text not null references cases (id),
  at bigint not null,
  by text not null,
  before text not null,
  after text not null
);
create index case_merges_into on case_merges (into_id);

-- Who holds the older case only because of the double.
create table merge_holders (
  case_id text not null references cases (id),   -- the double
  person_id text not null,
  primary key (case_id, person_id)
);

-- The parents of group cases; a child names its parent in cases.parent_id.
create table case_groups (
  case_id text primary key references cases (id),
  at bigint not null,
  by text not null
);

-- Drafts that were written to many children at once and wait to be looked at.
create table group_drafts (
  draft_id text primary key,
  parent_id text not null references cases (id),
  case_id text not null references cases (id),
  at bigint not null
);
create index group_drafts_parent on group_drafts (parent_id);

-- Cases that somebody else opened for her; state: stated | confirmed | taken_over.
create table asked_for_others (
  case_id text primary key references cases (id),
  person_id text,                  -- who opened it; none where staff took it down
  state text not null,
  at bigint not null,
  by text not null                 -- who said so last
);

-- What she agreed to by word of mouth, and who heard it.
create table oral_consents (
  case_id text not null references cases (id),
  kind text not null,
  text_version text not null,
  by text not null,
  at bigint not null,
  primary key (case_id, kind)
);

-- Keyed hash of a telephone number or the like: finds who called twice without keeping what it is.
create table case_contacts (
  case_id text primary key references cases (id),
  hash bytea not null
);
create index case_contacts_hash on case_contacts (hash);

-- Every wrapped key lives here and nowhere else: rotation touches only this table, and a backup carries it
-- apart from the content. Instants are microseconds since 1970 (UTC) in every table.
create table keys (
  kind text not null,            -- system | person | case | file
  id text not null,              -- name of a system key, else the id of what it seals
  owner text,                    -- whose data it seals, where that is somebody else
  wrapped bytea not null,
  wrapped_by text not null,      -- id of the master key
  made_at bigint not null,
  primary key (kind, id)
);
create index keys_wrapped_by on keys (wrapped_by);

-- Who and what was erased, by opaque id, for as long as older backups live: restoring one repeats it.
create table erased (
  kind text not null,            -- person | case | file | player
  id text not null,
  at bigint not null,
  primary key (kind, id)
);
create index erased_at on erased (at);

create table people (
  id text primary key,
  channel text not null,
  identity bytea not null unique,   -- keyed hash of the address
  address bytea not null,           -- sealed
  quiet smallint not null default 0,
  blocked smallint not null default 0,
  first_seen bigint not null
);

create table consents (
  seq integer primary key autoincrement,
  person_id text not null references people (id),
  kind text not null,
  text_version text not null,
  at bigint not null,
  case_id text
);
create index consents_of on consents (person_id, seq);

-- A forgotten row keeps only the hash of its key, so that the same update cannot come in again.
create table inbox (
  seq integer primary key autoincrement,
  key bytea not null unique,        -- keyed hash
  person_id text references people (id),
  channel text not null,
  state text not null,              -- pending | done | aside | gone
  raw bytea,                        -- sealed: key and raw update
  shown bytea,                      -- sealed
  files text,                       -- ids, JSON
  at bigint not null,
  attempts integer not null default 0,
  why text
);
create index inbox_talk on inbox (person_id, seq);
create index inbox_pending on inbox (seq) where state = 'pending';
create index inbox_pending_of on inbox (person_id, seq) where state = 'pending';
create index inbox_aside on inbox (seq) where state = 'aside';
create index inbox_gone on inbox (at) where state = 'gone';

create table sessions (
  person_id text primary key references people (id),
  body bytea not null,              -- sealed
  at bigint not null
);

create table outbox (
  seq integer primary key autoincrement,
  number text not null unique,      -- delivery number
  channel text not null,
  chat text not null,               -- person id, or the staff group
  person_id text references people (id),
  case_id text,
  lane smallint not null,           -- 0 urgent, 1 reply, 2 notice, 3 broadcast
  answers smallint not null,        -- 1: says something to what she just wrote
  deletion smallint not null default 0,
  state text not null,              -- queued | sending | sent | dead
  body bytea,                       -- sealed
  card bytea,                       -- keyed hash of chat and card
  remote bytea,                     -- sealed: id the channel gave the message
  after_seq bigint not null,        -- her last inbox row when this was added
  at bigint not null,
  not_before bigint not null,
  attempts integer not null default 0,
  repeated smallint not null default 0,
  sent_at bigint,
  why text
);
create index outbox_queue on outbox (channel, chat, lane, seq) where state = 'queued';
create index outbox_sending on outbox (channel) where state = 'sending';
create index outbox_dead on outbox (seq) where state = 'dead';
create index outbox_talk on outbox (person_id, after_seq, seq) where person_id is not null;
create index outbox_card on outbox (card, seq) where card is not null;
create index outbox_case on outbox (case_id) where case_id is not null;

-- When to look at a chat next, and how urgent that is. Claiming looks at chats, never through the queue.
create table chats (
  channel text not null,
  chat text not null,
  lane smallint not null default 3,
  due_at bigint,                    -- null: nothing to send
  rest_until bigint not null default 0,
  sending bigint not null default 0, -- seq of the row on its way, 0 for none
  primary key (channel, chat)
);
create index chats_due on chats (channel, lane, due_at) where sending = 0 and due_at is not null;

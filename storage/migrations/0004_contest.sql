-- Nothing here is linked to people: a player is a keyed hash of its own.
create table contest_players (
  campaign text not null,
  player text not null,
  district text,
  best smallint,                    -- 0–100, null until a try is finished
  primary key (campaign, player)
);
create index contest_players_of on contest_players (player);
create index contest_top on contest_players (campaign, best) where best is not null;

create table contest_attempts (
  id text primary key,
  campaign text not null,
  player text not null,
  day text not null,                -- civil day, YYYY-MM-DD
  questions text not null,
  orders text not null,
  answered smallint not null,
  right_answers smallint not null,
  started_at bigint not null,
  shown_at bigint not null,
  finished_at bigint,
  district text
);
create index contest_tries on contest_attempts (campaign, player, day);
create index contest_unfinished on contest_attempts (campaign, player) where finished_at is null;

create table contest_answers (
  attempt_id text not null references contest_attempts (id),
  number smallint not null,
  choice text not null,
  correct smallint not null,
  at bigint not null,
  ms bigint not null,
  primary key (attempt_id, number)
);

-- Kept at finish only, so that standings and places cost the same for a thousand players and a million.
create table contest_scores (
  campaign text not null,
  score smallint not null,
  people bigint not null,
  primary key (campaign, score)
);

create table contest_districts (
  campaign text not null,
  district text not null,
  people bigint not null,
  best_sum bigint not null,
  primary key (campaign, district)
);

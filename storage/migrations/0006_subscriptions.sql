-- Who wants the weekly tip (小工说法). Which tip came last is no secret: everybody gets the same ones.
-- A row that was stopped keeps her place and her week, so that taking it up again neither repeats a tip nor
-- brings a second one in a week; it goes with the person, and at once when she clears her talk.
create table subscriptions (
  person_id text primary key references people (id),
  active smallint not null,
  lasting smallint not null,        -- 1: goes on while she is silent; 0: ends with her talk
  week text not null,               -- the Tuesday whose turn is over, YYYY-MM-DD
  tip text,                         -- id of the tip that came last
  place bigint not null,            -- where it stood in the list, for when it is no longer there
  seq bigint,                       -- its row of the outbox
  since bigint not null
);
create index subscriptions_due on subscriptions (week, person_id) where active = 1;

-- What went to many at once is no part of her talk: it is found by its age alone.
create index outbox_broadcast on outbox (at) where lane = 3;

-- What a case knows of its life beside state and promise.
alter table cases add column employer_id text;
alter table cases add column parent_id text;
alter table cases add column merged_into text;
alter table cases add column began_at bigint;
alter table cases add column urged smallint not null default 0;
alter table cases add column paused_at bigint;
alter table cases add column pause_reason text;
alter table cases add column recovered_kind text;
alter table cases add column recovered_evidence text;
alter table cases add column confirmed text;
alter table cases add column satisfaction smallint;
alter table cases add column follow_up_at bigint;
create index cases_employer on cases (employer_id, opened_at) where employer_id is not null;
create index cases_parent on cases (parent_id) where parent_id is not null;
create index cases_merged on cases (merged_into) where merged_into is not null;
create index cases_follow_up on cases (follow_up_at) where follow_up_at is not null;

-- The numbers of an event, apart from its facts: they outlive the words when a case is erased.
alter table events add column due_at bigint;          -- the promise in force when it happened
alter table events add column outcome text;
alter table events add column recovered_fen bigint;
alter table events add column people bigint;
create index events_kind on events (kind, at);

alter table drafts add column review text not null default 'none';
alter table drafts add column reviewer text;
alter table drafts add column review_note bytea;      -- sealed

alter table staff add column employer_id text;

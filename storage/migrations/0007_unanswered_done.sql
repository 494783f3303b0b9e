-- Who dealt with an unanswered question, and when: the curators' queue empties, the weekly counts stay.
alter table feedback add column done_at bigint;
alter table feedback add column done_by text;
create index feedback_waiting on feedback (seq) where done_at is null;

-- The legal dates of each case.
create table deadlines (
    id text primary key,
    case_id text not null references cases (id),
    rule text not null,
    event_on text,                       -- civil days in Asia/Shanghai, YYYY-MM-DD
    last_on text,
    sure text not null,
    set_by text not null,
    set_at bigint not null,
    state text not null,
    reason text,
    ended_at bigint,
    interruptions text not null,         -- days, one blank between
    warned smallint not null,            -- the last step done for staff, in days ahead
    told smallint not null,              -- and for her
    look_on text                         -- the next day on which something may be due
);
create index deadlines_case on deadlines (case_id);
create index deadlines_due on deadlines (look_on) where look_on is not null;

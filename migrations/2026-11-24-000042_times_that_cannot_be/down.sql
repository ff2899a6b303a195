DROP TABLE changeover_fault;

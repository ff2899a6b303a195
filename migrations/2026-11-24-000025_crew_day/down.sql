DROP TRIGGER occupancy_job_check ON occupancy;
DROP TABLE changeover_job;
DROP FUNCTION occupancy_job_check, changeover_job_check, check_changeover_job, changeover_job_guard;

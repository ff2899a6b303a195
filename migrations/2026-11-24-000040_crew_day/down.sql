DROP TRIGGER occupancy_job_check ON occupancy;
DROP TRIGGER occupancy_job_stays ON occupancy;
DROP TABLE changeover_job;
DROP FUNCTION occupancy_job_check, occupancy_job_stays, changeover_job_check, check_changeover_job, changeover_job_guard;

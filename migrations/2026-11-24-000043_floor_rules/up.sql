-- What a floor's layouts are measured by, where it is not the defaults: {"egress_k": 3}. The venue's fire-safety officer has
-- the last word on these values. Times between layouts do not depend on them.
ALTER TABLE floor ADD COLUMN rules jsonb NOT NULL DEFAULT '{}' CONSTRAINT floor_rules_are_object CHECK (jsonb_typeof(rules) = 'object');

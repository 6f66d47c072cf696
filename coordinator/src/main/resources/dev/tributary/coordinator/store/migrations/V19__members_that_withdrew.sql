-- The end of a round looks for members that have withdrawn: few, in a population of millions.
CREATE INDEX member_withdrawn ON member (task) WHERE withdrawn IS NOT NULL;

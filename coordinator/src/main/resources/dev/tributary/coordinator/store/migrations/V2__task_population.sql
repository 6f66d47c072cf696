-- Whose ledger a task spends from. Null for tasks that were begun without saying so: they may spend from any.
ALTER TABLE task ADD COLUMN population VARCHAR(64);

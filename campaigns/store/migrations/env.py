"""What Alembic runs: the migrations, on the connection that the caller holds."""

from alembic import context

from campaigns.store.tables import Record

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()

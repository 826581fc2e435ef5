"""Runs the migrations on the connection that ``retrieval.catalog.migrating`` hands over."""

from alembic import context

from retrieval.catalog.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

"""Lists what a LangChain document loader yields."""

"""The recurrent sprint: a spec, the reference that it names, and the mistakes that it knows."""

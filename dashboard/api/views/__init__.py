"""The read endpoints: the resources, the commitments, their metrics and projects."""

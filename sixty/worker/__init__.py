"""What has a schedule: a task engine that only ticks. What must happen stands in tables, not in its queue."""

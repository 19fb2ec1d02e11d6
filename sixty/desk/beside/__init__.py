"""What stands beside the chat at the workbench: the customer, answers to suggest, knowledge, quick replies, deeds."""

"""The workbench's HTTP API and live stream: thin routes above the functions of `sixty.desk`."""

"""The CDK stack: what runs where, who may do what, and when somebody is woken."""

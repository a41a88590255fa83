"""The values that every other part speaks: money, phones, providers, payments. Imports nothing of ours."""

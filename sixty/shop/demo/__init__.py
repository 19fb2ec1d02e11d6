"""The demo shop: reads `playbook/demo/*.yml` and fills a database with it."""

from sixty.shop.demo.loading import DemoError, DemoShop, load_demo
from sixty.shop.demo.seeding import SeedRefusedError, SeedReport, seed
from sixty.shop.located import Problem

__all__ = [
    "DemoError",
    "DemoShop",
    "Problem",
    "SeedRefusedError",
    "SeedReport",
    "load_demo",
    "seed",
]

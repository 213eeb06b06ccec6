"""Gives the ERP some months of business, through Tryton's own client: what is written, Tryton writes.

Called as `rows.py CONFIGURATION DATABASE`."""

import datetime
import sys
from decimal import Decimal

import trytond.config

# What is imported next chooses the kind of database.
trytond.config.update_etc(sys.argv[1])

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, create_tax, get_accounts
from trytond.modules.account_invoice.tests.tools import create_payment_term, set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company

# Names with everything that goes wrong between a database and a JSON text.
NAMES = ["Müller & Söhne", 'The "Quoted" Ltd', "O'Brien \\ Partners", "東京商事株式会社", "Ünïcödé 😀 GmbH", "100% <b>bold</b>",
         "Łódź Przędza", "Αθήνα ΑΕ", "עברית בע״מ"]
PARTIES = 20
PRODUCTS = 10
ORDERS = 6


def main(configuration, database):
    config.set_trytond(database, config_file=configuration)
    create_company()
    create_chart()
    fiscal_year = set_fiscalyear_invoice_sequences(create_fiscalyear())
    fiscal_year.click("create_period")
    accounts = get_accounts()
    tax = create_tax(Decimal(".19"))
    tax.save()
    payment_term = create_payment_term()
    payment_term.save()

    Party = Model.get("party.party")
    parties = []
    for number in range(PARTIES):
        party = Party(name=f"{NAMES[number % len(NAMES)]} {number}")
        party.addresses[0].street = f"Street {number}"
        party.addresses[0].city = "" if number % 3 else "Zürich"
        if number % 2:
            party.contact_mechanisms.new(type="email", value=f"party{number}@example.com")
        party.save()
        parties.append(party)

    Category = Model.get("product.category")
    category = Category(name="Taxed", accounting=True)
    category.account_expense = accounts["expense"]
    category.account_revenue = accounts["revenue"]
    category.customer_taxes.append(tax)
    category.save()
    Unit = Model.get("product.uom")
    unit, = Unit.find([("name", "=", "Unit")])
    Template = Model.get("product.template")
    products = []
    for number in range(PRODUCTS):
        template = Template(name=f"Product {number} {NAMES[number % len(NAMES)]}", type="goods", default_uom=unit)
        template.salable = template.purchasable = True
        template.account_category = category
        # More digits than a binary fraction keeps.
        template.list_price = Decimal(number * 1234567) / 10000 + Decimal("0.0001")
        template.products[0].cost_price = Decimal(number) / 3 if number % 3 == 0 else Decimal("0.1")
        template.save()
        products.append(template.products[0])

    Location = Model.get("stock.location")
    storage, = Location.find([("code", "=", "STO")])
    inventory = Model.get("stock.inventory")(location=storage)
    for number, product in enumerate(products):
        inventory.lines.new(product=product).quantity = number * 100
    inventory.click("confirm")

    today = datetime.date.today()
    for model in ("sale.sale", "purchase.purchase"):
        for number in range(ORDERS):
            order = Model.get(model)(party=parties[number], payment_term=payment_term)
            for place in range(1 + number % 4):
                line = order.lines.new()
                line.product = products[(number * 7 + place) % PRODUCTS]
                line.quantity = 1 + place
                if model != "sale.sale":
                    line.unit_price = Decimal("3.3333")
            order.comment = None if number % 2 else f"{NAMES[number % len(NAMES)]}\nnext line\twith a tab\r\n"
            order.save()
            if number % 3:
                order.click("quote")
            if number % 3 == 2:
                order.click("confirm")
            if model == "sale.sale" and number % 6 == 5:
                for invoice in order.invoices:
                    invoice.invoice_date = today
                    invoice.click("post")


main(*sys.argv[1:])

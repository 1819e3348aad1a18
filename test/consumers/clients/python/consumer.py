"""Uses every operation of the service by the generated client. Its argument is the address of the service."""

import os
import sys

from product_catalog import ApiClient, ApiException, AuthApi, CatalogApi, Configuration, ManagingApi, ServiceApi
from product_catalog.models import (
    Author,
    Availability,
    CatalogState,
    CategoryInput,
    ChangeKind,
    Credentials,
    ImportMode,
    Problem,
    ProductInput,
    ProductPatch,
    SyncInput,
)


def refused(status: int, request) -> Problem:
    """The problem of a request that has to be refused with that status."""
    try:
        request()
    except ApiException as exception:
        assert exception.status == status, exception
        assert isinstance(exception.data, Problem), exception
        assert exception.data.status == status
        return exception.data
    raise AssertionError("it was not refused")


client = ApiClient(Configuration(host=sys.argv[1]))
auth, catalog, managing, service = AuthApi(client), CatalogApi(client), ManagingApi(client), ServiceApi(client)

refused(401, catalog.list_products)
password = os.environ["ADMIN_PASSWORD"]
client.configuration.access_token = auth.sign_in(Credentials(username="admin", password=password)).token

# All pages, one after the other.
found, cursor = [], ""
while cursor is not None:
    page = catalog.list_products(limit=70, cursor=cursor)
    found += page.products
    cursor = page.next_cursor
assert len({product.id for product in found}) == len(found) == page.total

categories = ["beauty", "skin-care"]
page = catalog.list_products(
    q="cream",
    category=categories,
    availability=[Availability.IN_MINUS_STOCK, Availability.LOW_MINUS_STOCK],
    sort="-price",
    facets=["brand", "price"],
)
assert page.total > 0
assert all(product.category in categories for product in page.products)
prices = [product.price for product in page.products]
assert prices == sorted(prices, reverse=True)
assert page.facets.brand[0].count > 0
assert page.facets.price[0].min_price >= 0
assert "beauty" in [category.slug for category in catalog.list_categories().categories]

mascara = catalog.get_product(1)
assert mascara.sku == "BEA-0001"
assert mascara.reviews[0].var_date.year > 2000

problem = refused(404, lambda: catalog.get_product(2147483647))
assert problem.type == "urn:problem-type:product-catalog:product-not-found"

# Make, change and remove one.
created = managing.create_product_with_http_info(
    ProductInput(
        sku="PYTHON-1",
        title="Stoneware Mug",
        category="kitchen-accessories",
        price=12.5,
        thumbnail="https://images.example/mug.webp",
    )
)
id, etag = created.data.id, created.headers["etag"]
assert managing.update_product(id, etag, ProductPatch(price=9.5)).price == 9.5
refused(412, lambda: managing.update_product(id, etag, ProductPatch(price=1)))
managing.delete_product(id, "*")
refused(404, lambda: catalog.get_product(id))

managing.update_product(1, "*", ProductPatch(price=1))
assert managing.revert_product(1, "*").price == mascara.price
latest = managing.list_product_history(1).history[0]
assert (latest.kind, latest.by) == (ChangeKind.UPDATED, Author.ACCOUNT)
assert [change.revision for change in catalog.list_changes(after=0, limit=5).changes] == [1, 2, 3, 4, 5]

# The whole catalog out, and in again.
rows = catalog.export_products(category=categories)
report = managing.import_products(bytes(rows), mode=ImportMode.ALL_MINUS_OR_MINUS_NOTHING, dry_run=True)
assert report.unchanged == report.rows > 0

assert managing.replace_category("beauty", CategoryInput(name="Care")).name == "Care"
managing.revert_category("beauty")

assert managing.start_sync(SyncInput(accept_loss=False)).state == CatalogState.SAMPLE
assert managing.get_sync().catalog.state == CatalogState.SAMPLE
assert service.get_service_info().catalog.state == CatalogState.SAMPLE
service.check_liveness()
assert service.check_readiness().checks
assert auth.list_public_keys().keys[0].alg == "ES256"
auth.sign_out()
refused(401, catalog.list_categories)

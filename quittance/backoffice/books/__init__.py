"""Whether our books, the gateways' and the ERPs' agree, day by day and in all."""

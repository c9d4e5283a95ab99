"""How a person signs in: second factors, browsers, and the proof that it is still them."""

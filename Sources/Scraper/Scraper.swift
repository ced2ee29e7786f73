// Scraper
